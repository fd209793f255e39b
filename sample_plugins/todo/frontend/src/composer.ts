/** The form for a new task. What was typed stays until the server has stored it. */
import { announce } from "./announce";
import { element, find, stayed } from "./dom";
import { Fields } from "./fields";
import type { Typed } from "./fields";
import { hideNotice, showNotice } from "./notice";
import { answered, attempt, refused, theirs } from "./page";
import type { Page } from "./page";
import { faultsOf } from "./problems";
import type { FieldFault } from "./problems";
import { quoted } from "./formats";

/** An id chosen here, so that a task that is sent twice because a response was lost is created once. Not available over plain HTTP. */
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

  const done = (text: string, sent: Typed, focused: Element | null): void => {
    chosen = newId();
    hideNotice();
    announce(`${quoted(text)} was added.`);
    fields.empty(sent);
    if (stayed(focused)) fields.focus();
  };

  const fault = (faults: readonly FieldFault[], detail: string): void => {
    if (faults.some(({ key }) => !key.startsWith("title"))) details.open = true;
    const others = fields.showFaults(faults);
    announce(faults.map(({ key, message }) => `${key}: ${message}`).join(". ") || detail);
    if (others.length > 0 || faults.length === 0) showNotice(detail, "error");
  };

  const send = async (): Promise<void> => {
    const { status: _, ...values } = fields.values();
    const { id = "" } = chosen;
    const sent = fields.typed();
    const focused = document.activeElement;
    const result = await page.own.change(id, () => page.api.task.create.safe({ ...values, ...chosen }));
    if (result.ok) {
      answered(page, result.data.body.items);
      done(values.title, sent, focused);
    } else if (result.error.status === 400) fault(faultsOf(result.error), result.error.detail);
    else if (result.error.status === 409) {
      // A response was lost: the task exists, or existed and was deleted.
      if (await theirs(page, id)) done(values.title, sent, focused);
      else chosen = newId();
    } else await refused(page, id, result.error);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    fields.clearFaults();
    const unfinished = fields.unfinished();
    if (unfinished.length > 0) {
      fault(unfinished, "");
      return;
    }
    busy = true;
    form.ariaBusy = "true";
    void attempt(send).finally(() => {
      busy = false;
      form.ariaBusy = "false";
    });
  });
};
