// Reflect must be there before the library loads: it throws at import otherwise.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

export { x509 };
