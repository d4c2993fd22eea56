/** The library that writes certificates and requests. Loaded when first needed: it costs 70 ms. */
export async function loadX509Library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}
