// In place of @vscode/spdlog, which would have to be compiled: writes each line at once.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

class Logger {
  constructor(_type, _name, file) {
    this.file = file;
  }
}
for (const level of ["trace", "debug", "info", "warn", "error", "critical"])
  Logger.prototype[level] = function (message) {
    appendFileSync(this.file, `[${level}] ${message}\n`);
  };
for (const name of ["setLevel", "getLevel", "clearFormatters", "setPattern", "flush", "drop"])
  Logger.prototype[name] = () => undefined;

async function create(name, file) {
  mkdirSync(dirname(file), { recursive: true });
  return new Logger("rotating", name, file);
}

module.exports = {
  version: 0,
  setLevel: () => undefined,
  setFlushOn: () => undefined,
  Logger,
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
};
