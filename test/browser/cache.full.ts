import { describeCache } from './cache.js';

describeCache('firefox');
