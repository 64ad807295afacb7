import ArgumentParser
import Foundation
import GavelConfig
import GavelScript

/// `gavel types`: tells editors what rules may use.
struct Types: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what editors need to know of rules.",
        discussion: """
            For the Lua language server (lua-language-server, the extension "Lua" by sumneko in VS Code): completion, \
            types and descriptions of all that rules may use. Open the folder of the rules in the editor afterwards. \
            Settings that are there already are left as they are.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Option(
        help: ArgumentHelp(
            "The folder to write to; by default the configuration's folder of rules.",
            valueName: "folder"
        )
    )
    var output: String?

    func run() async throws {
        let folder = try self.folder()
        do {
            for outcome in try EditorTypes.write(to: folder) { self.tell(outcome) }
        } catch {
            Console.complain("gavel: \(folder.path) cannot be written. \(error.localizedDescription)")
            throw ExitCode.failure
        }
    }

    private func folder() throws -> URL {
        if let output { return URL(filePath: output, directoryHint: .isDirectory) }
        do {
            return try self.file.read(flags: []).get().scriptsFolder
        } catch {
            Console.complain(error.description)
            throw ExitCode.failure
        }
    }

    private func tell(_ outcome: EditorTypes.Outcome) {
        switch outcome {
        case .written(let path): print("\(path): written")
        case .unchanged(let path): print("\(path): as it should be")
        case .kept(let path):
            print("\(path): there already, and left as it is. What Gavel would write:\n\(EditorTypes.settings)")
        }
    }
}
