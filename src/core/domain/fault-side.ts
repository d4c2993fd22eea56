/** Who can mend what failed: root or this program (`ours`: exit 1), or the website's owner (`owner`: reported, exit 0). */
export type FaultSide = 'ours' | 'owner';
