/** One thread of the survey. */
import { serveJobs } from '../campaign/pool.ts';
import { workOnBatch } from './batch.ts';

serveJobs(workOnBatch);
