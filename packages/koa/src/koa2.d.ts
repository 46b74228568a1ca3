/** Koa 2 as the tests know it: by an alias. What they use of it has the types of Koa 3. */
declare module 'koa2' {
  export { default } from 'koa';
}
