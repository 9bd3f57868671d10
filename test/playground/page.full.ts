import { describePage } from './page.js';

describePage('firefox');
