import { start } from "./play.js";
import { tableView } from "./rps-view.js";

const game = start({ room: "rps-1" });
game.onPeople = tableView(game).show;
