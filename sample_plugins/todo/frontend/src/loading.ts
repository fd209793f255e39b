/** Asking for tasks: a view, its further pages, and all that is shown once more. */
import { find } from "./dom";
import { hideNotice, showNotice } from "./notice";
import { fail } from "./page";
import type { Page } from "./page";
import { declared } from "./problems";
import type { View } from "./tasks";

const PAGE = 50;
/** The most that the server gives at once. */
const MOST = 200;

export class Loading {
  #aborts: AbortController | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #again = false;
  #further = false;
  /** What was chosen, whether it could be loaded or not. */
  #chosen: View = { bin: false };

  constructor(private readonly page: () => Page) {}

  /** Loads a view from its beginning. */
  show(view: View): Promise<void> {
    this.#chosen = view;
    return this.#begin(view, PAGE);
  }

  /** Loads what is shown again. While that is under way, once more after it. */
  async refetch(): Promise<void> {
    if (this.#aborts) {
      this.#again = true;
      return;
    }
    const { tasks } = this.page();
    await this.#begin(this.#chosen, Math.min(MOST, Math.max(PAGE, tasks.rows().length)));
  }

  /** Loads the next page, after what is under way. */
  async more(): Promise<void> {
    if (this.#further) return;
    this.#further = true;
    while (this.#aborts) await this.#underWay;
    this.#further = false;
    const { tasks } = this.page();
    if (tasks.next !== null) await this.#begin(tasks.view, PAGE, tasks.next);
  }

  #tryAgain(): void {
    hideNotice();
    find("list-heading", HTMLHeadingElement).focus(); // the button is gone
    void this.refetch();
  }

  #begin(view: View, limit: number, cursor?: string): Promise<void> {
    return (this.#underWay = this.#load(view, limit, cursor));
  }

  async #load(view: View, limit: number, cursor?: string): Promise<void> {
    const { api, tasks, draw } = this.page();
    this.#aborts?.abort();
    const aborts = (this.#aborts = new AbortController());
    tasks.ask(view);
    find("list", HTMLUListElement).ariaBusy = "true";
    const status = view.bin || view.status === undefined ? {} : { status: view.status };
    try {
      const result = await api.task.getAll.safe({ deleted: view.bin, limit, ...status, ...(cursor !== undefined && { cursor }) }, { signal: aborts.signal });
      if (aborts.signal.aborted) return;
      if (result.ok) tasks.land(result.data, cursor !== undefined);
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
