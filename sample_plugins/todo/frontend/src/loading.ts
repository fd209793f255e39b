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
  #again = false;
  /** What was chosen, whether it could be loaded or not. */
  #chosen: View = { bin: false };

  constructor(private readonly page: () => Page) {}

  /** Loads a view from its beginning. */
  show(view: View): Promise<void> {
    this.#chosen = view;
    return this.#load(view, PAGE);
  }

  /** Loads what is shown again. While that is under way, once more after it. */
  async refetch(): Promise<void> {
    if (this.#aborts) {
      this.#again = true;
      return;
    }
    const { tasks } = this.page();
    await this.#load(this.#chosen, Math.min(MOST, Math.max(PAGE, tasks.rows().length)));
  }

  /** Loads the next page. */
  async more(): Promise<void> {
    const { tasks } = this.page();
    if (!this.#aborts && tasks.next !== null) await this.#load(tasks.view, PAGE, tasks.next);
  }

  #tryAgain(): void {
    hideNotice();
    find("list-heading", HTMLHeadingElement).focus(); // the button is gone
    void this.refetch();
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
