/** What this page itself is doing, so that what it hears about it is told apart from what others do. */
export class Own {
  readonly #underWay = new Map<string, number>();
  readonly #deleted = new Set<string>();

  /** Runs a change of a task. */
  async change<Result>(id: string, act: () => Promise<Result>): Promise<Result> {
    this.#underWay.set(id, (this.#underWay.get(id) ?? 0) + 1);
    try {
      return await act();
    } finally {
      const left = (this.#underWay.get(id) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(id);
      else this.#underWay.set(id, left);
    }
  }

  changes(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** A deletion is asked for. Its announcement has no version and may come after that of a restoring, so it is not listened to. */
  deletes(id: string): void {
    this.#deleted.add(id);
  }

  /** That deletion failed, so that none is announced; or, when it was heard of: whether it was this page's. */
  forget(id: string): boolean {
    return this.#deleted.delete(id);
  }

  /** The connection was lost, and with it announcements. */
  forgetAll(): void {
    this.#deleted.clear();
  }
}
