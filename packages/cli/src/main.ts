#!/usr/bin/env node
/**
 * The `longrun` program.
 */
import { runCli } from './cli.js';

// Whatever still holds the event loop, the command has ended.
process.exit(await runCli(process.argv.slice(2)));
