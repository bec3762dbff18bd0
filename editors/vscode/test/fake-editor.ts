/** As much of the module `vscode` as the extension and the language client touch while no window is open. */
import { EventEmitter as NodeEmitter } from "node:events";
import Module from "node:module";
import { pathToFileURL, fileURLToPath } from "node:url";

type Action = (...args: unknown[]) => unknown;
type Loader = (request: string, ...rest: unknown[]) => unknown;

class EventEmitter {
  private readonly emitter = new NodeEmitter();
  readonly event = (listener: Action): Disposable => {
    this.emitter.on("event", listener);
    return new Disposable(() => this.emitter.off("event", listener));
  };
  fire(value: unknown): void {
    this.emitter.emit("event", value);
  }
  dispose(): void {
    this.emitter.removeAllListeners();
  }
}

class Disposable {
  constructor(readonly dispose: () => unknown) {}
}

class CancellationTokenSource {
  readonly token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event };
  cancel(): void {
    this.token.isCancellationRequested = true;
  }
  dispose(): void {
    this.cancel();
  }
}

class Uri {
  readonly scheme = "file";
  private constructor(readonly fsPath: string) {}
  static parse(text: string): Uri {
    return new Uri(fileURLToPath(text));
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  toString(): string {
    return pathToFileURL(this.fsPath).href;
  }
}

/** What a module has that nobody uses here: an event, a constructor or an object, as it is asked for. */
function anything(known: Record<string, unknown>): object {
  return new Proxy(known, {
    get: (target, key) => (Object.hasOwn(target, key) || typeof key === "symbol" ? target[key as string] : nothing(key)),
  });
}

function nothing(key: string): unknown {
  if (/^on[A-Z]/.test(key)) {
    return new EventEmitter().event;
  }
  if (/^(create|register)/.test(key)) {
    return () => anything({ dispose: () => undefined });
  }
  return Object;
}

/** An editor in one folder with these settings. What the extension does in it is written down. */
export class Editor {
  readonly commands = new Map<string, Action>();
  readonly executed: unknown[][] = [];
  readonly shown: string[] = [];
  readonly written: string[] = [];
  readonly trustGranted = new EventEmitter();
  readonly configurationChanged = new EventEmitter();
  trusted = true;
  front: string | undefined;

  constructor(readonly folder: string, readonly settings: Record<string, unknown>) {}

  /** Give `require("vscode")` this editor. */
  install(): void {
    const loader = Module as unknown as { _load: Loader };
    const real = loader._load;
    const fake = this.module();
    loader._load = function (this: unknown, request, ...rest) {
      return request === "vscode" ? fake : Reflect.apply(real, this, [request, ...rest]);
    };
  }

  private module(): object {
    return anything({
      version: "1.91.0",
      Uri, EventEmitter, Disposable, CancellationTokenSource,
      commands: { registerCommand: this.register, executeCommand: this.execute },
      env: { language: "en", appName: "fake" },
      languages: anything({ createDiagnosticCollection: () => anything({ clear: () => undefined, dispose: () => undefined }), match: () => 0 }),
      window: this.window(),
      workspace: this.workspace(),
    });
  }

  private readonly register = (name: string, action: Action): Disposable => {
    if (this.commands.has(name)) {
      throw new Error(`command '${name}' already exists`);
    }
    this.commands.set(name, action);
    return new Disposable(() => this.commands.delete(name));
  };

  private readonly execute = (...args: unknown[]): Promise<void> => {
    this.executed.push(args);
    return Promise.resolve();
  };

  private readonly show = (text: string): Promise<undefined> => {
    this.shown.push(text);
    return Promise.resolve(undefined);
  };

  private window(): object {
    const write = (text: string): void => { this.written.push(text); };
    const output = anything({ info: write, error: write, append: write, appendLine: write, dispose: () => undefined });
    const window = anything({
      createOutputChannel: () => output,
      showErrorMessage: this.show, showWarningMessage: this.show, showInformationMessage: this.show,
      tabGroups: anything({ all: [] }),
      visibleTextEditors: [],
    });
    const front = (): object | undefined => (this.front === undefined ? undefined : { document: { uri: Uri.file(this.front) } });
    return Object.defineProperty(window, "activeTextEditor", { get: front });
  }

  private workspace(): object {
    const get = (key: string, otherwise?: unknown): unknown => this.settings[key] ?? otherwise;
    const workspace = anything({
      textDocuments: [], notebookDocuments: [],
      workspaceFolders: [{ uri: Uri.file(this.folder), name: "stack", index: 0 }],
      getConfiguration: (section: string) => (section === "stackmend" ? { get } : { get: () => undefined }),
      onDidGrantWorkspaceTrust: this.trustGranted.event,
      onDidChangeConfiguration: this.configurationChanged.event,
    });
    return Object.defineProperty(workspace, "isTrusted", { get: () => this.trusted });
  }
}
