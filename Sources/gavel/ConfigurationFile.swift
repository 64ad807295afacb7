import ArgumentParser
import Foundation
import GavelAdmin
import GavelConfig

/// The option that names the configuration file.
struct ConfigurationFile: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration file.", valueName: "file"))
    var path = "config.toml"

    /// Reads the file, the process's environment and the flags that were given.
    func read(flags: [ConfigurationFlag]) -> ConfigurationReport {
        self.source(flags: flags).read()
    }

    /// The same, to be read more than once.
    func source(flags: [ConfigurationFlag]) -> ConfigurationSource {
        ConfigurationSource(path: self.path, environment: ProcessInfo.processInfo.environment, flags: flags)
    }
}

/// Words to whoever runs a command.
enum Console {
    /// Writes a line to the standard error stream.
    static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Array("\(PrintableText.lines(text))\n".utf8))
    }
}
