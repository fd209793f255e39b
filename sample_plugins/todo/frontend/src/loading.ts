/** Loads tasks: a view, its further pages, and everything that is shown again. */
import { find } from "./dom";
import { hideNotice, showNotice } from "./notice";
import { fail } from "./page";
import type { Page } from "./page";
import { declared } from "./problems";
import type { View } from "./tasks";

const PAGE = 50;
/** The maximum page size of the server. */
const MAX_PAGE = 200;

export class Loading {
  #aborts: AbortController | undefined;
  #current: Promise<void> = Promise.resolve();
  #again = false;
  #further = false;
  /** The chosen view, whether it could be loaded or not. */
  #chosen: View = { trash: false };

  constructor(private readonly page: () => Page) {}

  /** Loads the first page of a view. */
  show(view: View): Promise<void> {
    this.#chosen = view;
    return this.#begin(view, PAGE);
  }

  /** Reloads what is shown. Called while something is loading, reloads once more after it. */
  async refetch(): Promise<void> {
    if (this.#aborts) {
      this.#again = true;
      return;
    }
    const { tasks } = this.page();
    await this.#begin(this.#chosen, Math.min(MAX_PAGE, Math.max(PAGE, tasks.rows().length)));
  }

  /** Loads the next page, once the current request has ended. */
  async more(): Promise<void> {
    if (this.#further) return;
    this.#further = true;
    while (this.#aborts) await this.#current;
    this.#further = false;
    const { tasks } = this.page();
    if (tasks.next !== null) await this.#begin(tasks.view, PAGE, tasks.next);
  }

  #tryAgain(): void {
    hideNotice();
    find("list-heading", HTMLHeadingElement).focus(); // the focused button was removed
    void this.refetch();
  }

  #begin(view: View, limit: number, cursor?: string): Promise<void> {
    return (this.#current = this.#load(view, limit, cursor));
  }

  async #load(view: View, limit: number, cursor?: string): Promise<void> {
    const { api, tasks, draw } = this.page();
    this.#aborts?.abort();
    const aborts = (this.#aborts = new AbortController());
    tasks.request(view);
    find("list", HTMLUListElement).ariaBusy = "true";
    const status = view.trash || view.status === undefined ? {} : { status: view.status };
    try {
      const result = await api.task.getAll.safe({ deleted: view.trash, limit, ...status, ...(cursor !== undefined && { cursor }) }, { signal: aborts.signal });
      if (aborts.signal.aborted) return;
      if (result.ok) tasks.load(result.data, cursor !== undefined);
      else showNotice(result.error.status === 400 ? result.error.detail : declared(result.error), "error");
      draw();
    } catch (error) {
      if (!aborts.signal.aborted) fail(error, () => this.#tryAgain());
    } finally {
      if (this.#aborts === aborts) {
        this.#aborts = undefined;
        find("list", HTMLUListElement).ariaBusy = "false";
      }
    }
    if (this.#again && !this.#aborts) {
      this.#again = false;
      await this.refetch();
    }
  }
}
