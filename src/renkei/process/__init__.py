"""Processes and decisions: what a town decides, by which rule, and how a case moves on.

Words: *expression* (FEEL), *decision*, *table*, *rule*, *definition* (a model as it runs), *case*
(one run through a process), *command*, *event*, *wait*.
Promise: a decision is a pure function of its inputs, its rules and its day, and a case of its
commands; a case survives any crash, follows the definition in force on its day, and shows where it
stands. Nothing a model's author writes reaches Python, the clock or the database, or can hang a
node.
Each part is entered by its own door: `process.feel` (the expression language), `process.decisions`
(DMN), `process.bpmn` (BPMN, the core), `process.scenarios` (playing models by hand),
`process.cases` (cases kept in the database) and `process.tasks` (people's part in them).
"""
