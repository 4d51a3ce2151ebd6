export declare const CONDITIONS: string[]
