"""The dry run: who could answer a draft, who would be asked when, and what each condition costs; nothing is written."""
