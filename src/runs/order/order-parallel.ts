/** Requests, or files, that one order has in flight at once: 100 names are quick and no CA's burst limit is touched. */
const PARALLEL_PER_ORDER = 8;

/** Does the same for each item, a few at a time; the first error ends it after those under way. */
export async function inParallel<Item>(
  items: readonly Item[],
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const { default: PQueue } = await import('p-queue');
  const queue = new PQueue({ concurrency: PARALLEL_PER_ORDER });
  const errors: unknown[] = [];
  for (const item of items) {
    void queue
      .add(() => task(item))
      .catch((error: unknown) => {
        errors.push(error);
        queue.clear();
      });
  }
  await queue.onIdle();
  if (errors.length > 0) throw errors[0];
}
