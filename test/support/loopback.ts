import { AddressRanges } from '../../src/core/dcv/address-ranges.js';

/** Where the names of test rigs lie: `http.privateNetworks` of their settings. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];
export const LOOPBACK_RANGES = new AddressRanges(LOOPBACK);
export const NO_RANGES = new AddressRanges([]);
