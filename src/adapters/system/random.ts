import { randomBytes } from 'node:crypto';
import type { RandomSource } from '../../runs/ports/clock.js';

/** The kernel's random numbers. */
export const systemRandom: RandomSource = { bytes: (length) => randomBytes(length) };
