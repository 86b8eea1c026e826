/**
 * Ends this process as soon as its worker is gone: the kernel closes the worker's end of the lifeline, however it died.
 */
import { Socket } from 'node:net';
import { LIFELINE_FD } from './isolation-messages.js';

new Socket({ fd: LIFELINE_FD, readable: true, writable: false })
  .on('error', () => undefined)
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume();
