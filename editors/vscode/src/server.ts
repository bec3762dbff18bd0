/** Says whether a found program can serve, and what to tell a person when it cannot. */
import { execFile } from "node:child_process";

/** The first version that has `stackmend server`. */
export const OLDEST = "0.1.0";

export const INSTALL = "pip install 'stackmend[server]'";

/** Stackmend's exit code for what it cannot do, such as an option or a command that it does not know. */
const CANNOT = 2;

interface Answer {
  /** The exit code; undefined when the program could not be started or did not end by itself. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/**
 * What is wrong with a program; undefined when it will do.
 *
 * The server is asked before the language client gets it: a process that ends while the client greets it is started
 * again and again, with a message each time that does not say why.
 */
export async function unfit(file: string, args: readonly string[]): Promise<string | undefined> {
  const [asked, served] = await Promise.all([run(file, ["--version"]), run(file, ["server", ...args])]);
  const found = version(asked.code === 0 ? asked.out : "");
  if (found === undefined) {
    return `${file} is not stackmend, or cannot start. Look at stackmend.path.`;
  }
  if (before(found, OLDEST)) {
    return `${file} is stackmend ${found}, and the editor needs ${OLDEST} or newer. Update it: ${INSTALL}`;
  }
  if (served.code === CANNOT) {
    return `${file} cannot serve an editor: ${lastLine(served.err)} What the server needs comes with: ${INSTALL}`;
  }
  return undefined;
}

/** The version in what `stackmend --version` printed; undefined for a program that is something else. */
export function version(output: string): string | undefined {
  return /^stackmend (\d+\.\d+\.\d+)/.exec(output.trim())?.[1];
}

/** Whether a version of three numbers comes before another. */
export function before(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => text.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}

/** Run a program that has nobody to talk to: a server ends at once when its stdin is closed. */
function run(file: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: 20_000, windowsHide: true }, (error, out, err) => {
      const code = error === null ? 0 : error.code;
      resolve({ code: typeof code === "number" ? code : undefined, out, err });
    });
    child.stdin?.on("error", () => undefined).end();
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim().slice(0, 300) ?? "";
}
