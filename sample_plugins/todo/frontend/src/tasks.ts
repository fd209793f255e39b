/**
 * What is known of tasks, and which of them the page shows.
 *
 * Answers and live messages come in any order. The version of a task decides: nothing older ever replaces something newer, and
 * nothing that is known already counts twice.
 */
import type { AcmeTodo, Payload } from "../generated-config";

export type Item = Payload<AcmeTodo.Task>["body"]["items"][number];

/** Which tasks are looked at; the bin has no filter. */
export type View = { readonly bin: true } | { readonly bin: false; readonly status?: AcmeTodo.TaskStatus };

const place = (item: Item): string => `${item.createdAt} ${item.id}`;

const newestFirst = (one: Item, other: Item): number => (place(one) < place(other) ? 1 : -1);

export class Tasks {
  /** The one of which the page shows what came. */
  view: View = { bin: false };
  /** How many there are, shown or not. */
  total = 0;
  /** Where the next page starts, `null` where there is none. */
  next: string | null = null;

  readonly #newest = new Map<string, Item>();
  readonly #erased = new Set<string>();
  #shown = new Set<string>();
  /** The place of the last one on the last page: older ones come with the next page. */
  #end = "";
  #asked: View = this.view;
  /** What changed since a page was asked for, so that its answer may not know of it. */
  #meanwhile = new Set<string>();

  /** The newest that is known. */
  get(id: string): Item | undefined {
    return this.#newest.get(id);
  }

  rows(): Item[] {
    return [...this.#shown].flatMap((id) => this.#newest.get(id) ?? []).sort(newestFirst);
  }

  /** A page is asked for. */
  ask(view: View): void {
    this.#asked = view;
    this.#meanwhile = new Set();
  }

  /** The page came: the first ones, or further ones. */
  land({ body }: Payload<AcmeTodo.Task>, further: boolean): void {
    this.view = this.#asked;
    const landed = body.items.map((item) => this.#newer(item));
    this.next = body.page?.next ?? null;
    this.total = (body.page?.total ?? landed.length) - landed.filter((item) => !this.#fits(item)).length;
    this.#end = this.next === null ? "" : landed.map(place).sort()[0] ?? "";
    const known = further ? [...this.#shown] : [];
    const ids = new Set(landed.map((item) => item.id));
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
   * A task was answered or announced.
   *
   * @param before what it was, where that was said; `undefined` where there was none.
   * @returns whether that is news.
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
   * A task was put into the bin, which is a version of its own though nobody sends it.
   *
   * @returns whether that is news, `undefined` where the task is not known.
   */
  bin(id: string): boolean | undefined {
    const known = this.#newest.get(id);
    if (!known) return undefined;
    return !known.isDeleted && this.put({ ...known, isDeleted: true, version: known.version + 1 });
  }

  /** A task was removed for good. */
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
    if (this.view.bin || item.isDeleted) return this.view.bin && item.isDeleted;
    return this.view.status === undefined || this.view.status === item.status;
  }

  #belongs(item: Item): boolean {
    return this.#fits(item) && place(item) >= this.#end;
  }
}
