package main

// memfdCreate is the number of the system call (man 2 memfd_create).
const memfdCreate = 279
