"""A project file and one run of it."""

from begleitforschung.pipeline.project import Project, read_project
from begleitforschung.pipeline.project_file import PROJECT_FILE, ProjectFile

__all__ = ["PROJECT_FILE", "Project", "ProjectFile", "read_project"]
