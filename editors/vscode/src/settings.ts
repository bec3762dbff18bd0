/** Turns the editor's settings into what the server takes. */

/** The section `stackmend` as the server reads it. A key that is left out leaves the matter to `.stackmend.toml`. */
export interface ServerSettings {
  select?: string[];
  ignore?: string[];
  profiles?: string[];
  envSource?: "shell" | "none";
  host?: true;
}

/** Reads one setting of the section `stackmend`, such as "select". */
export type Read = (key: string) => unknown;

/** The settings for the server. Values of a wrong type, which an editor lets pass, are left out. */
export function serverSettings(read: Read): ServerSettings {
  const settings: ServerSettings = {};
  for (const key of ["select", "ignore", "profiles"] as const) {
    const words = strings(read(key));
    if (words.length > 0) {
      settings[key] = words;
    }
  }
  const source = read("envSource");
  if (source === "shell" || source === "none") {
    settings.envSource = source;
  }
  if (read("host") === true) {
    settings.host = true;
  }
  return settings;
}

/** The texts of a list, without blank ones. */
export function strings(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.filter((item): item is string => typeof item === "string" && item.trim() !== "");
}
