/** A task in the list, displayed or being edited. */
import { complete, remove, restore } from "./changes";
import { button, element, stayed } from "./dom";
import { Editor } from "./editor";
import type { Page } from "./page";
import type { Item } from "./tasks";
import { formatDateTime, priorities, statuses } from "./formats";

const facts = ({ status, priority, due, tags }: Item): HTMLElement[] => {
  const late = due !== null && status !== "done" && Date.parse(due) < Date.now();
  return [
    ...(status === "open" ? [] : [element("li", { class: `chip ${status}` }, statuses[status])]),
    ...(priority === 2 ? [] : [element("li", { class: `chip priority-${priority}` }, `${priorities[priority]} priority`)]),
    ...(due === null ? [] : [element("li", { class: late ? "late" : "" }, late ? "Overdue: " : "Due ", element("time", { datetime: due }, formatDateTime(due)))]),
    ...tags.map((tag) => element("li", { class: "tag" }, `#${tag}`)),
  ];
};

export class Row {
  readonly element = element("li", { class: "task", tabindex: "-1" });
  #editor: Editor | undefined;
  #drawn = "";

  constructor(
    private readonly page: Page,
    private item: Item,
  ) {
    this.#read();
  }

  get editing(): boolean {
    return this.#editor !== undefined;
  }

  /** Displays a new version of the task; an open form keeps what was typed. */
  update(item: Item): void {
    this.item = item;
    if (this.#editor) this.#editor.heard(item);
    else this.#read();
  }

  #read(): void {
    const { item } = this;
    const state = `${item.id} ${item.version} ${String(item.isDeleted)}`;
    const box = this.element.querySelector<HTMLInputElement>("input[type=checkbox]");
    if (box) box.checked = item.status === "done";
    if (this.#drawn === state) return;
    this.#drawn = state;
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.getAttribute("data-does") : undefined;
    this.element.dataset["status"] = item.status;
    this.element.replaceChildren(...(item.isDeleted ? this.#inTrash() : this.#inList()));
    if (focused) this.element.querySelector<HTMLElement>(`[data-does="${focused}"]`)?.focus();
  }

  #inList(): HTMLElement[] {
    const { item, page } = this;
    const box = element("input", { type: "checkbox", "data-does": "complete", "aria-label": `Done: ${item.title}` });
    box.checked = item.status === "done";
    box.addEventListener("change", () => void complete(page, this.item, box.checked));
    return [
      element("label", { class: "tick" }, box),
      this.#text(),
      element(
        "div",
        { class: "actions" },
        button("Edit", { "data-does": "edit", "aria-label": `Edit ${item.title}` }, () => this.#edit()),
        button("Delete", { "data-does": "delete", class: "danger", "aria-label": `Delete ${item.title}` }, () => void remove(page, this.item)),
      ),
    ];
  }

  #inTrash(): HTMLElement[] {
    const act = (): void => void restore(this.page, this.item);
    return [this.#text(), element("div", { class: "actions" }, button("Restore", { "data-does": "restore", "aria-label": `Restore ${this.item.title}` }, act))];
  }

  #text(): HTMLElement {
    const items = facts(this.item);
    const list = items.length > 0 ? [element("ul", { class: "facts" }, ...items)] : [];
    return element("div", { class: "text" }, element("p", { class: "title", dir: "auto" }, this.item.title), ...list);
  }

  #edit(): void {
    this.#editor = new Editor(this.page, this.item, () => this.#close());
    this.element.replaceChildren(this.#editor.element);
    this.#editor.focus();
  }

  #close(): void {
    const within = this.element.contains(document.activeElement) || stayed(null); // Safari does not focus a button on click
    this.#editor = undefined;
    this.#drawn = "";
    this.#read();
    if (within) this.element.querySelector<HTMLElement>('[data-does="edit"], [data-does="restore"]')?.focus();
    this.page.draw();
  }
}
