/** Express 4 as the tests know it: by an alias. What they use of it has the types of Express 5. */
declare module 'express4' {
  export { default } from 'express';
}
