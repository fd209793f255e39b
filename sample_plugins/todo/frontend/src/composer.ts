/** The form for a new task. What is typed stays until the server has it. */
import { announce } from "./announce";
import { element, find } from "./dom";
import { Fields } from "./fields";
import { hideNotice, showNotice } from "./notice";
import { answered, attempt, refused, theirs } from "./page";
import type { Page } from "./page";
import { faultsOf } from "./problems";
import { quoted } from "./words";

/** Chosen here, so that a task which is sent twice, because the answer was lost, is made once. Browsers give none over plain HTTP. */
const newId = (): { id?: string } => ("randomUUID" in crypto ? { id: crypto.randomUUID() } : {});

export const makeComposer = (page: Page): void => {
  const form = find("new", HTMLFormElement);
  const fields = new Fields("new", { title: "New task" });
  const { title, priority, due, tags } = fields.elements;
  const add = element("button", { type: "submit", class: "main" }, "Add task");
  const details = element("details", {}, element("summary", {}, "Priority, date and tags"), element("div", { class: "grid" }, priority, due, tags));
  form.append(element("div", { class: "compose" }, title, add), details);

  let chosen = newId();
  let busy = false;

  const done = (text: string): void => {
    chosen = newId();
    hideNotice();
    announce(`${quoted(text)} is added.`);
    fields.fill(undefined);
    fields.focus();
  };

  const send = async (): Promise<void> => {
    const { status: _, ...values } = fields.values();
    const { id = "" } = chosen;
    const result = await page.own.change(id, () => page.api.task.create.safe({ ...values, ...chosen }));
    if (result.ok) {
      answered(page, result.data.body.items);
      done(values.title);
    } else if (result.error.status === 400) {
      const faults = faultsOf(result.error);
      if (faults.some(({ key }) => !key.startsWith("title"))) details.open = true;
      const others = fields.showFaults(faults);
      announce(faults.map(({ key, message }) => `${key}: ${message}`).join(". ") || result.error.detail);
      if (others.length > 0 || faults.length === 0) showNotice(result.error.detail, "error");
    } else if (result.error.status === 409 && (await theirs(page, id))) done(values.title); // an answer was lost, and it is there
    else await refused(page, id, result.error);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    fields.clearFaults();
    void attempt(send).finally(() => (busy = false));
  });
};
