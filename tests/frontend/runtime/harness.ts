// Run cases and print the result of each as a line of JSON; a process that does not end by itself is a failure too.
const cases: [string, () => void | Promise<void>][] = [];

export const test = (name: string, run: () => void | Promise<void>): void => void cases.push([name, run]);

export const equal = (actual: unknown, expected: unknown): void => {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${left} is not ${right}`);
};

/** The error with which something ends. */
export const thrown = async (run: () => unknown): Promise<Error> => {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

/** Returns what is logged to the console while `run` runs. */
export const logged = async (how: "warn" | "error", run: () => unknown): Promise<unknown[][]> => {
  const lines: unknown[][] = [];
  const before = console[how];
  console[how] = (...line: unknown[]) => void lines.push(line);
  try {
    await run();
  } finally {
    console[how] = before;
  }
  return lines;
};

/** Waits until all pending microtasks have run; no timer fires. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

/** Polls until the condition is true. */
export const until = async (condition: () => unknown, what: string, seconds = 20): Promise<void> => {
  const deadline = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const run = async (): Promise<void> => {
  for (const [name, body] of cases) {
    let error = "";
    try {
      await body();
    } catch (caught) {
      error = caught instanceof Error ? `${caught.stack}` : String(caught);
    }
    console.log(JSON.stringify({ name, error }));
  }
};
