/** What a person is told when no server can be started. */
import type { Found } from "./executable";
import { INSTALL } from "./server";

/** The message for a search that found nothing to start. */
export function missing(found: Exclude<Found, { kind: "found" }>): string {
  switch (found.kind) {
    case "setting-wrong":
      return `stackmend.path says ${found.file}, and there is no such program.`;
    case "refused":
      return `${found.file} lies in a folder that you have not trusted, so it is not started. Trust the folder, or install stackmend for yourself: ${INSTALL}`;
    case "absent":
      return `Stackmend is not installed on this machine: ${INSTALL}`;
  }
}
