"""The papers of a dispute's file (调解卷宗) as Word documents, all out of the one record."""
