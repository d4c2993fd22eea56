/** @peculiar/x509, loaded when first used: its import costs more than all else that a light command does. */
export async function loadX509Library(): Promise<typeof import('@peculiar/x509')> {
  return (await import('./x509-bindings.js')).x509;
}
