/** Draws the list. Existing rows keep their elements, and with them the focus and what was typed. */
import { announce } from "./announce";
import { find } from "./dom";
import type { Page } from "./page";
import { Row } from "./row";
import type { Tasks, View } from "./tasks";
import { statuses } from "./formats";

const headline = (view: View): string => (view.trash ? "Trash" : view.status === undefined ? "All tasks" : `${statuses[view.status]} tasks`);

const emptyText = (view: View): string => {
  if (view.trash) return "The trash is empty.";
  return view.status === undefined ? "Nothing to do. Add your first task above." : `No task is ${statuses[view.status].toLowerCase()}.`;
};

export class List {
  readonly #place = find("list", HTMLUListElement);
  readonly #rows = new Map<string, Row>();

  constructor(private readonly page: () => Page) {}

  draw(): void {
    const { tasks } = this.page();
    const focused = [...this.#place.children].findIndex((row) => row.contains(document.activeElement));
    const items = tasks.rows();
    for (const item of items) {
      const row = this.#rows.get(item.id);
      if (row) row.update(item);
      else this.#rows.set(item.id, new Row(this.page(), item));
    }
    this.#dropOthers(new Set(items.map(({ id }) => id)), tasks);
    this.#arrange(items.flatMap(({ id }) => this.#rows.get(id) ?? []));
    this.#describe(tasks, this.#rows.size);
    if (focused >= 0 && !this.#place.contains(document.activeElement)) this.focusNear(focused);
  }

  #dropOthers(kept: ReadonlySet<string>, tasks: Tasks): void {
    for (const [id, row] of this.#rows) {
      if (kept.has(id)) continue;
      const now = tasks.get(id);
      if (row.editing && now) row.update(now);
      if (row.editing) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
  }

  #arrange(rows: readonly Row[]): void {
    const drawn = new Set<Element>(rows.map((row) => row.element));
    let at = this.#place.firstElementChild;
    for (const { element } of rows) {
      while (at && !drawn.has(at)) at = at.nextElementSibling;
      if (at === element) at = at.nextElementSibling;
      else this.#place.insertBefore(element, at);
    }
  }

  #describe({ view, total, next }: Tasks, rows: number): void {
    find("list-heading", HTMLHeadingElement).textContent = headline(view);
    find("count", HTMLParagraphElement).textContent = next === null ? String(total) : `${rows} of ${total}`;
    const empty = find("empty", HTMLParagraphElement);
    empty.hidden = rows > 0;
    empty.textContent = rows > 0 ? "" : emptyText(view);
    this.#place.hidden = rows === 0;
    find("more", HTMLButtonElement).hidden = next === null;
  }

  /** Announces which tasks are shown, and how many. */
  announce(): void {
    const { view, total } = this.page().tasks;
    announce(total === 0 ? emptyText(view) : `${headline(view)}: ${total}`);
  }

  /** Focuses a row, e.g. the first of a further page; the last row or the headline if it does not exist. */
  focusNear(index: number): void {
    const near = this.#place.children[Math.min(index, this.#place.children.length - 1)] ?? find("list-heading", HTMLHeadingElement);
    if (near instanceof HTMLElement) near.focus();
  }
}
