export class Header {}
