#!/usr/bin/env node
/**
 * The entry point of the command line.
 * @module
 */
import { main } from './commands/main.ts';

process.exitCode = await main(process.argv.slice(2));
