// What the agents' pages need besides desk.js: keys, rail, queue, ticket, composer, macros, presence, calendar.
import { startCalendar } from "./calendar.js";
import { startComposer } from "./composer.js";
import { startKeyboard } from "./keyboard.js";
import { startMacros } from "./macros.js";
import { startPresence } from "./presence.js";
import { startQueue } from "./queue.js";
import { startRail } from "./rail.js";
import { startTicket } from "./ticket.js";

startKeyboard();
startRail();
startQueue();
startTicket();
startComposer();
startMacros();
startPresence();
startCalendar();
