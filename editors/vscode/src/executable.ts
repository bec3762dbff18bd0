/** Finds the program to start: the setting, the folder's virtual environment, PATH, then where pipx and uv install. */
import * as path from "node:path";

/** What the search needs to know of the machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The value of PATH. */
  readonly path: string;
  /** Whether an absolute path is a file that may be run. */
  runs(file: string): boolean;
}

/** What the search needs to know of the editor's window. */
export interface Window {
  /** The setting `stackmend.path`, "" for none. */
  readonly setting: string;
  /** Absolute paths of the open folders. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
}

/** The program, or why there is none. `refused` are programs that only a trusted folder may start. */
export type Found =
  | { readonly kind: "found"; readonly file: string }
  | { readonly kind: "setting-wrong"; readonly file: string }
  | { readonly kind: "refused"; readonly file: string }
  | { readonly kind: "absent" };

const ENVIRONMENTS = [".venv", "venv"];

/** The program to start. A setting that names none is not passed over in silence. */
export function find(window: Window, machine: Machine): Found {
  const setting = window.setting.trim();
  if (setting !== "") {
    return fromSetting(setting, window, machine);
  }
  let refused: string | undefined;
  for (const file of [...inEnvironments(window, machine), ...onPath("stackmend", machine), ...atHome(machine)]) {
    if (!machine.runs(file)) {
      continue;
    }
    if (allowed(file, window, machine)) {
      return { kind: "found", file };
    }
    refused ??= file;
  }
  return refused === undefined ? { kind: "absent" } : { kind: "refused", file: refused };
}

function fromSetting(setting: string, window: Window, machine: Machine): Found {
  const candidates = /[\\/]/.test(setting) ? [absolute(setting, window, machine)] : onPath(setting, machine);
  const file = candidates.find((candidate) => machine.runs(candidate));
  if (file === undefined) {
    return { kind: "setting-wrong", file: setting };
  }
  return { kind: allowed(file, window, machine) ? "found" : "refused", file };
}

function absolute(setting: string, window: Window, machine: Machine): string {
  const folder = window.folders[0] ?? machine.home;
  const expanded = setting.replaceAll("${workspaceFolder}", () => folder).replace(/^~(?=[\\/])/, () => machine.home);
  return paths(machine).resolve(folder, expanded);
}

function inEnvironments(window: Window, machine: Machine): string[] {
  const bin = machine.platform === "win32" ? "Scripts" : "bin";
  return window.folders.flatMap((folder) =>
    ENVIRONMENTS.map((name) => paths(machine).join(folder, name, bin, program("stackmend", machine))),
  );
}

/** Only absolute entries count: a relative one would mean a program of whatever folder is open. */
function onPath(name: string, machine: Machine): string[] {
  const { delimiter } = paths(machine);
  return machine.path
    .split(delimiter)
    .filter((entry) => paths(machine).isAbsolute(entry))
    .map((entry) => paths(machine).join(entry, program(name, machine)));
}

/** An editor that was started from a desktop often lacks what the shell adds to PATH. */
function atHome(machine: Machine): string[] {
  return [paths(machine).join(machine.home, ".local", "bin", program("stackmend", machine))];
}

function program(name: string, machine: Machine): string {
  return machine.platform === "win32" && !name.toLowerCase().endsWith(".exe") ? `${name}.exe` : name;
}

function allowed(file: string, window: Window, machine: Machine): boolean {
  return window.trusted || !window.folders.some((folder) => inside(file, folder, machine));
}

function inside(file: string, folder: string, machine: Machine): boolean {
  const way = paths(machine).relative(folder, file);
  return way !== ".." && !/^\.\.[\\/]/.test(way) && !paths(machine).isAbsolute(way);
}

function paths(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}
