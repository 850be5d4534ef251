// What the agents' pages need besides desk.js: keys, palette, rail, queue, ticket, composer, calendar.
import { startCalendar } from "./calendar.js";
import { startComposer } from "./composer.js";
import { startKeyboard } from "./keyboard.js";
import { startPalette } from "./palette.js";
import { startQueue } from "./queue.js";
import { startRail } from "./rail.js";
import { startTicket } from "./ticket.js";

startKeyboard();
startPalette();
startRail();
startQueue();
startTicket();
startComposer();
startCalendar();
