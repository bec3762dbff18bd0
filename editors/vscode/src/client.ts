/** The language client: what is started, which documents the server sees, which settings it is given. */
import * as vscode from "vscode";
import { LanguageClient, type Executable, type LanguageClientOptions } from "vscode-languageclient/node";
import { documentSelector } from "./files";
import { serverSettings, type ServerSettings } from "./settings";

export function makeClient(file: string, args: readonly string[], output: vscode.LogOutputChannel): LanguageClient {
  return new LanguageClient("stackmend", "Stackmend", serverOptions(file, args), clientOptions(output));
}

/** The process to start. Without a `transport` the client speaks through stdio and adds no argument of its own. */
function serverOptions(file: string, args: readonly string[]): Executable {
  return { command: file, args: ["server", ...args] };
}

function clientOptions(output: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [...documentSelector],
    outputChannel: output,
    initializationOptions: settingsFor(undefined),
    middleware: {
      workspace: {
        configuration: (params, token, next) =>
          params.items.every((item) => item.section === "stackmend")
            ? params.items.map((item) => settingsFor(item.scopeUri))
            : next(params, token),
      },
    },
  };
}

function settingsFor(scope: string | undefined): ServerSettings {
  const section = vscode.workspace.getConfiguration("stackmend", scope === undefined ? null : vscode.Uri.parse(scope));
  return serverSettings((key) => section.get(key));
}
