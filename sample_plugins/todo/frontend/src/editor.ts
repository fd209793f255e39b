/** The form that edits a task. If another user changes the task meanwhile, it keeps what was typed and offers the other version. */
import type { AcmeTodo } from "../generated-config";
import { announce } from "./announce";
import { button, element } from "./dom";
import { Fields } from "./fields";
import { hideNotice, showNotice } from "./notice";
import { answered, attempt, refused, theirs } from "./page";
import type { Page } from "./page";
import { faultsOf } from "./problems";
import type { FieldFault } from "./problems";
import type { Item } from "./tasks";
import { formatDateTime, priorities, quoted, statuses } from "./formats";

const differences = (mine: Item, now: Item): string[] => [
  ...(mine.title === now.title ? [] : [`title ${quoted(now.title)}`]),
  ...(mine.status === now.status ? [] : [`status ${statuses[now.status]}`]),
  ...(mine.priority === now.priority ? [] : [`priority ${priorities[now.priority]}`]),
  ...(mine.due === now.due ? [] : [now.due === null ? "no date" : `due ${formatDateTime(now.due)}`]),
  ...(mine.tags.join() === now.tags.join() ? [] : [now.tags.length === 0 ? "no tags" : `tags ${now.tags.join(", ")}`]),
];

export class Editor {
  readonly element: HTMLFormElement;
  readonly #fields: Fields;
  readonly #conflict = element("div", { class: "conflict", role: "group", "aria-label": "Changed by another user", hidden: true });
  #busy = false;
  /** The version of another user that was offered last. */
  #offered = 0;

  /**
   * @param item the task when the form is opened.
   * @param close closes the form.
   */
  constructor(
    private readonly page: Page,
    private item: Item,
    private readonly close: () => void,
  ) {
    this.#fields = new Fields(`task-${item.id}`);
    this.#fields.fill(item);
    const { title, status, priority, due, tags } = this.#fields.elements;
    const save = element("button", { type: "submit", class: "main" }, "Save");
    const cancel = button("Cancel", {}, () => this.cancel());
    this.element = element(
      "form",
      { class: "edit", novalidate: true, "aria-label": `Edit ${item.title}` },
      title,
      element("div", { class: "grid" }, status, priority, due, tags),
      this.#conflict,
      element("div", { class: "actions" }, save, cancel),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.cancel();
    });
  }

  focus(): void {
    this.#fields.focus();
  }

  cancel(): void {
    announce("Nothing was changed.");
    this.close();
  }

  /** Handles a change by another user while the form is open. */
  heard(now: Item): void {
    if (this.#busy || now.version <= this.item.version || now.version === this.#offered) return;
    this.#offered = now.version;
    if (now.isDeleted) this.#gone();
    else if (this.#fields.changed) this.#offer(now);
    else {
      this.item = now;
      this.#fields.fill(now);
      announce(`${quoted(now.title)} was changed elsewhere.`);
    }
  }

  #submit(): void {
    if (this.#busy) return;
    this.#fields.clearFaults();
    const unfinished = this.#fields.unfinished();
    const changes = this.#fields.changes();
    if (unfinished.length > 0) this.#fault(unfinished, "");
    else if (Object.keys(changes).length === 0) this.cancel();
    else this.#run(() => this.#send(changes));
  }

  /** Runs one action at a time, however often a button is clicked. */
  #run(act: () => Promise<void>): void {
    if (this.#busy) return;
    this.#busy = true;
    this.element.ariaBusy = "true";
    void attempt(act).finally(() => {
      this.#busy = false;
      this.element.ariaBusy = "false";
    });
  }

  async #send(changes: AcmeTodo.TaskUpdate): Promise<void> {
    const { page } = this;
    const { id, version } = this.item;
    const sent = this.#fields.typed();
    const result = await page.own.change(id, () => page.api.task.update.safe({ id }, { ...changes, version }));
    if (result.ok) {
      hideNotice();
      this.#saved(result.data.body.items[0] ?? this.item, this.#fields.typedSince(sent));
      answered(page, result.data.body.items, result.data.body.prevVersion);
    } else if (result.error.status === 400) this.#fault(faultsOf(result.error), result.error.detail);
    else if (result.error.status === 409) await this.#compare();
    else if (result.error.status === 404) this.#gone();
    else await refused(page, id, result.error);
  }

  /** Closes the form, unless more was typed while the request was running. */
  #saved(item: Item, more: boolean): void {
    announce(`${quoted(item.title)} is saved.`);
    if (more) {
      this.item = item;
      this.#fields.base(item);
    } else this.close();
  }

  #fault(faults: readonly FieldFault[], detail: string): void {
    const others = this.#fields.showFaults(faults);
    announce(faults.map(({ key, message }) => `${key}: ${message}`).join(". ") || detail);
    if (others.length > 0 || faults.length === 0) showNotice(detail, "error");
  }

  async #compare(): Promise<void> {
    const now = await theirs(this.page, this.item.id);
    this.#offered = now?.version ?? 0;
    if (now) this.#offer(now);
    else this.#gone();
  }

  #offer(now: Item): void {
    const changed = differences(this.item, now).join(", ") || "nothing that is shown here";
    this.#ask(`Another user changed this task: ${changed}.`, [
      button("Use their version", {}, () => {
        announce("Their version is used.");
        this.close();
      }),
      button("Keep my version", {}, () => {
        this.item = now;
        this.#hideConflict();
        this.#submit();
      }),
    ]);
  }

  #gone(): void {
    this.#ask("Another user moved this task to the trash. What you typed is still here.", [
      button("Restore and save", {}, () => this.#run(() => this.#restore())),
      button("Discard", {}, () => this.close()),
    ]);
  }

  async #restore(): Promise<void> {
    const { id } = this.item;
    const result = await this.page.own.change(id, () => this.page.api.task.restore.safe({ id }));
    const now = result.ok ? answered(this.page, result.data.body.items) : undefined;
    if (now) {
      this.item = now;
      this.#hideConflict();
      const changes = this.#fields.changes();
      if (Object.keys(changes).length > 0) await this.#send(changes);
      else this.#saved(now, false);
    } else if (!result.ok) await refused(this.page, id, result.error);
  }

  /** Hides the question, and returns the focus to the form if it was there. */
  #hideConflict(): void {
    const within = this.#conflict.contains(document.activeElement);
    this.#conflict.hidden = true;
    if (within) this.focus();
  }

  #ask(text: string, buttons: HTMLButtonElement[]): void {
    this.#conflict.replaceChildren(element("p", {}, text), element("div", { class: "actions" }, ...buttons));
    this.#conflict.hidden = false;
    announce(text);
  }
}
