// In place of native-watchdog, which would have to be compiled: the test ends the extension host itself.
exports.start = () => undefined;
