// For `node --import`: writes the names of the modules of OpenTelemetry that a process loads, and the ports it connects to, into a file of
// the folder NOTED_IN.
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import Module from 'node:module';
import net from 'node:net';

const file = `${process.env.NOTED_IN}/${process.pid}`;
const note = (line) => appendFileSync(file, `${line}\n`);
note(`process ${process.argv[1]}`);

// All of them are CommonJS, whoever imports them.
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request.startsWith('@opentelemetry/')) note(`module ${request}`);
  return load.call(this, request, ...rest);
};
const extension = Module._extensions['.js'];
Module._extensions['.js'] = function (module, filename) {
  const name = /@opentelemetry[/\\]([^/\\]+)[/\\]build/.exec(filename);
  if (name) note(`module @opentelemetry/${name[1]}`);
  return extension.call(this, module, filename);
};
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = args.flat();
  note(`connect ${typeof first === 'object' ? (first?.port ?? first?.path) : first}`);
  return connect.apply(this, args);
};
syncBuiltinESMExports();
