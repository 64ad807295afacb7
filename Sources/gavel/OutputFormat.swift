import ArgumentParser

/// How a command prints what it found: for people, or for programs.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}
