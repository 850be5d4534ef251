// What the agents' pages need besides desk.js; each part finds its own elements.
import { startCalendar } from "./calendar.js";
import { startComposer } from "./composer.js";
import { startFilterBar } from "./filterbar.js";
import { startKeyboard } from "./keyboard.js";
import { startMacros } from "./macros.js";
import { startMentions } from "./mentions.js";
import { startPalette } from "./palette.js";
import { startPresence } from "./presence.js";
import { startQueue } from "./queue.js";
import { startRail } from "./rail.js";
import { startTags } from "./tags.js";
import { startTicket } from "./ticket.js";

startKeyboard();
startPalette();
startRail();
startQueue();
startFilterBar();
startTicket();
startComposer();
startMacros();
startMentions();
startTags();
startPresence();
startCalendar();
