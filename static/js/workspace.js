// What the agents' pages need besides desk.js: keys, rail, queue, filter bar, ticket, composer, calendar.
import { startCalendar } from "./calendar.js";
import { startComposer } from "./composer.js";
import { startFilterBar } from "./filterbar.js";
import { startKeyboard } from "./keyboard.js";
import { startQueue } from "./queue.js";
import { startRail } from "./rail.js";
import { startTicket } from "./ticket.js";

startKeyboard();
startRail();
startQueue();
startFilterBar();
startTicket();
startComposer();
startCalendar();
