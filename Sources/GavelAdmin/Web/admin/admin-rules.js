// Rules: what is in force, what was before, what is wrong.
import { el } from "../elements.js";
import { ask } from "./admin-dialog.js";
import { counted, moment, printable } from "./admin-figures.js";
import { aside, codeLines, littleButton, longText, panel, roomLink, tag } from "./admin-parts.js";

export function rules({ api, tell, every }) {
  const files = el("div", { class: "files" });
  const failures = el("ol", { class: "failures" });
  const outcome = el("section", { class: "panel outcome", "aria-label": "Last reload", hidden: true });
  const reload = el("button", { class: "primary" }, "Reload");
  const element = el("div", { class: "view" },
    el("div", { class: "row head" }, el("h2", { class: "title" }, "Rules"),
      el("p", { class: "soft small grow" }, "What is saved is taken by itself; Reload reads configuration and all rules at once."),
      reload),
    outcome,
    panel("Errors", failures),
    el("section", { "aria-label": "Versions" }, files));

  const act = async (name, what) => {
    const done = await api.act(name, what);
    showOutcome(done.files);
    load.now();
    const has = (wanted) => done.files.some(({ result }) => result === wanted);
    if (has("refused")) tell("Refused; below stands what became of each file.", "bad");
    else tell(has("applied") ? "It is in force." : "Nothing is another than before.", "good");
  };
  reload.addEventListener("click", () => ask({
    title: "Reload?",
    text: "Configuration and rules are read again. Running rooms go on under the new rules, if those load and all rooms "
      + "can take them.",
    action: "Reload",
    run: () => act("reload"),
  }));
  const rollBack = (file, version) => ask({
    title: `Roll back ${file}?`,
    text: `All its rooms go on under version ${version}, with their state as it is, until the file is saved again.`,
    action: "Roll back",
    isDangerous: true,
    run: () => act("rollback", { file, version }),
  });

  function showOutcome(told) {
    outcome.hidden = false;
    const kinds = { applied: "good", refused: "bad", unchanged: "" };
    const items = (values, kind) => values.map((text) => el("li", { class: kind }, printable(text)));
    outcome.replaceChildren(
      el("div", { class: "row between" }, el("h2", {}, "What became of it"),
        el("button", { class: "little", onclick: () => { outcome.hidden = true; } }, "Hide")),
      ...told.map((file) => el("div", { class: "told" },
        el("div", { class: "row" }, el("strong", {}, file.file), tag(file.result, kinds[file.result]), aside(summary(file))),
        el("ul", {}, items(file.mistakes, "bad"), items(file.changes), items(file.notes, "soft"),
          items(file.waiting.map((text) => `${text} (waits for a restart)`), "soft")))));
  }

  function summary({ from, to, rooms, milliseconds }) {
    const versions = [from, to].filter(Boolean).join(" → ");
    return [versions, Number.isFinite(rooms) && counted(rooms, "room"), `${milliseconds} ms`].filter(Boolean).join(" · ");
  }

  function since({ since, files: [, ...modules] }) {
    return `since ${moment(since * 1000)}${modules.length > 0 ? `, with ${modules.join(", ")}` : ""}`;
  }

  function showFiles(told) {
    if (told.length === 0) return files.replaceChildren(el("p", { class: "panel none soft" }, "No room has rules."));
    files.replaceChildren(...told.map(({ file, versions, refused }) => {
      const [current, ...former] = versions;
      return el("section", { class: "panel", "aria-label": file },
        el("div", { class: "row between" }, el("h3", {}, file), current && tag("in force", "good")),
        current && el("p", { class: "small" }, el("code", {}, current.version), aside(` ${since(current)}`)),
        refused.length > 0 && el("div", { class: "notice bad small" }, el("strong", {}, "What was saved last is refused:"),
          el("ul", {}, refused.map((text) => el("li", {}, printable(text))))),
        former.length > 0 && el("ul", { class: "former" }, former.map(({ version, since }) => el("li", { class: "row" },
          el("code", {}, version), el("span", { class: "soft small grow" }, moment(since * 1000)),
          littleButton("Roll back", `${file} to ${version}`, () => rollBack(file, version))))));
    }));
  }

  function showFailures(told) {
    failures.replaceChildren(...told.map((failure) => el("li", {},
      el("div", { class: "row" }, el("span", { class: "time" }, moment(failure.time)), el("strong", {}, failure.hook || "start"),
        aside(`version ${failure.version}`), roomLink(failure.room),
        failure.client > 0 && aside(`client ${failure.client}`),
        failure.count > 1 && tag(`${failure.count} times`)),
      el("p", { class: "bad" }, el("code", {}, printable(failure.text))),
      failure.traceback.length > 0 && codeLines(failure.traceback),
      failure.message && el("div", {}, aside("On the message"), longText(failure.message)))));
    if (told.length === 0) failures.append(el("li", { class: "soft" }, "No hook has failed since the relay began."));
  }

  let shown = {};
  const load = every(3000, async (signal) => {
    const [{ files }, { failures }] = await Promise.all([api.look("versions", {}, signal), api.look("failures", {}, signal)]);
    // Only what is another is drawn anew, so that what somebody has marked or is at with the keyboard stays.
    for (const [name, value, show] of [["files", files, showFiles], ["failures", failures, showFailures]]) {
      const text = JSON.stringify(value);
      if (shown[name] === text) continue;
      shown[name] = text;
      show(value);
    }
  }, (error) => tell(error.message, "bad"));
  return { element, title: "Rules" };
}
