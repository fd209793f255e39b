/**
 * The tasks that the page has received, and which of them it shows.
 *
 * Responses and live messages arrive in any order. The version of a task decides: an older version never replaces a newer one, and no
 * change counts twice.
 */
import type { AcmeTodo, Payload } from "../generated-config";

export type Item = Payload<AcmeTodo.Task>["body"]["items"][number];

/** Which tasks are shown; the trash cannot be filtered. */
export type View = { readonly trash: true } | { readonly trash: false; readonly status?: AcmeTodo.TaskStatus };

const position = (item: Item): string => `${item.createdAt} ${item.id}`;

const newestFirst = (first: Item, second: Item): number => (position(first) < position(second) ? 1 : -1);

export class Tasks {
  /** The view whose tasks have been loaded. */
  view: View = { trash: false };
  /** The number of tasks in the view, shown or not. */
  total = 0;
  /** The cursor of the next page; `null` on the last one. */
  next: string | null = null;

  readonly #newest = new Map<string, Item>();
  readonly #erased = new Set<string>();
  #shown = new Set<string>();
  /** The position of the last loaded task: older ones belong to the next page. */
  #end = "";
  #requested: View = this.view;
  /** The tasks that changed since a page was requested: its response may not contain the changes. */
  #meanwhile = new Set<string>();

  /** Returns the newest version of a task. */
  get(id: string): Item | undefined {
    return this.#newest.get(id);
  }

  rows(): Item[] {
    return [...this.#shown].flatMap((id) => this.#newest.get(id) ?? []).sort(newestFirst);
  }

  /** Notes that a page is requested. */
  request(view: View): void {
    this.#requested = view;
    this.#meanwhile = new Set();
  }

  /** Takes over the requested page: the first one, or a further one. */
  load({ body }: Payload<AcmeTodo.Task>, further: boolean): void {
    this.view = this.#requested;
    const loaded = body.items.map((item) => this.#newer(item));
    this.next = body.page?.next ?? null;
    this.total = (body.page?.total ?? loaded.length) - loaded.filter((item) => !this.#fits(item)).length;
    this.#end = this.next === null ? "" : loaded.map(position).sort()[0] ?? "";
    const known = further ? [...this.#shown] : [];
    const ids = new Set(loaded.map((item) => item.id));
    for (const id of this.#meanwhile) {
      const item = this.#newest.get(id);
      if (item && !ids.has(id) && this.#belongs(item)) {
        this.total += known.includes(id) ? 0 : 1;
        ids.add(id);
      }
    }
    this.#shown = new Set([...known, ...ids].filter((id) => this.#fits(this.#newest.get(id))));
  }

  /**
   * Takes over a task from a response or a live message.
   *
   * @param before its previous version; `undefined` if unknown or if the task is new.
   * @returns whether this version is new.
   */
  put(item: Item, before?: Item): boolean {
    const known = this.#newest.get(item.id);
    if ((known && known.version >= item.version) || this.#erased.has(item.id)) return false;
    this.#newest.set(item.id, item);
    this.#meanwhile.add(item.id);
    this.total += Number(this.#fits(item)) - Number(this.#fits(known ?? before));
    if (this.#belongs(item)) this.#shown.add(item.id);
    else this.#shown.delete(item.id);
    return true;
  }

  /**
   * Marks a task as soft-deleted. That is a version of its own, though the message about it does not contain the task.
   *
   * @returns whether this is new; `undefined` for an unknown task.
   */
  softDelete(id: string): boolean | undefined {
    const known = this.#newest.get(id);
    if (!known) return undefined;
    return !known.isDeleted && this.put({ ...known, isDeleted: true, version: known.version + 1 });
  }

  /** Removes a permanently deleted task. */
  erase(id: string): void {
    this.total -= Number(this.#fits(this.#newest.get(id)));
    this.#erased.add(id);
    this.#shown.delete(id);
  }

  #newer(item: Item): Item {
    const known = this.#newest.get(item.id);
    if (known && known.version >= item.version) return known;
    this.#newest.set(item.id, item);
    return item;
  }

  #fits(item: Item | undefined): boolean {
    if (!item || this.#erased.has(item.id)) return false;
    if (this.view.trash || item.isDeleted) return this.view.trash && item.isDeleted;
    return this.view.status === undefined || this.view.status === item.status;
  }

  #belongs(item: Item): boolean {
    return this.#fits(item) && position(item) >= this.#end;
  }
}
