// Questions before something is done.
import { el } from "../elements.js";

/**
 * Asks, does it, and closes; where it cannot be done the dialog stays and tells why.
 * @param {object} question `title`, `text`; `action`: what the button says; `isDangerous`; `fields`: `{ name, label,
 *   value, isRequired, isLong, choices }` each; `run(values)`: does it.
 */
export function ask({ title, text, action, isDangerous = false, fields = [], run }) {
  const inputs = fields.map(input);
  const failure = el("p", { class: "notice bad", role: "alert", hidden: true });
  const button = el("button", { class: isDangerous ? "danger" : "primary" }, action);
  const cancel = el("button", { type: "button" }, "Cancel");
  const form = el("form", { class: "form" },
    el("h2", { id: "question" }, title),
    text && el("p", {}, text),
    fields.map((field, index) => el("label", {}, field.label, inputs[index])),
    failure,
    el("div", { class: "row end" }, cancel, button));
  const dialog = el("dialog", { "aria-labelledby": "question" }, form);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failure.hidden = true;
    try {
      await run(Object.fromEntries(fields.map(({ name }, index) => [name, inputs[index].value.trim()])));
      dialog.close();
    } catch (error) {
      failure.textContent = error.message;
      failure.hidden = false;
    }
    button.disabled = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  // What cannot be undone is not what Enter does at once.
  (inputs[0] ?? (isDangerous ? cancel : button)).focus();
}

function input({ name, value = "", isRequired = false, isLong = false, choices }) {
  if (choices) {
    return el("select", { name }, choices.map((choice) => el("option", { value: choice, selected: choice === value }, choice)));
  }
  const attributes = { name, required: isRequired, maxlength: 500, autocomplete: "off" };
  const field = isLong ? el("textarea", { ...attributes, rows: 3 }) : el("input", attributes);
  field.value = value;
  return field;
}
