/** The changes that this page itself makes, to distinguish messages about them from those about changes of others. */
export class Own {
  readonly #running = new Map<string, number>();
  readonly #deleted = new Set<string>();

  /** Runs a change of a task, and counts it as this page's own meanwhile. */
  async change<Result>(id: string, act: () => Promise<Result>): Promise<Result> {
    this.#running.set(id, (this.#running.get(id) ?? 0) + 1);
    try {
      return await act();
    } finally {
      const left = (this.#running.get(id) ?? 1) - 1;
      if (left === 0) this.#running.delete(id);
      else this.#running.set(id, left);
    }
  }

  changes(id: string): boolean {
    return this.#running.has(id);
  }

  /** Notes that a deletion is requested. Its message has no version and may arrive after that of a restore, so it is ignored. */
  deletes(id: string): void {
    this.#deleted.add(id);
  }

  /** Forgets a deletion, because it failed or its message arrived; returns whether it was this page's own. */
  forget(id: string): boolean {
    return this.#deleted.delete(id);
  }

  /** Forgets all deletions: the connection was lost, and their messages with it. */
  forgetAll(): void {
    this.#deleted.clear();
  }
}
