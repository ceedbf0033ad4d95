; Installer for Windows, for one user and without an administrator. Compiled by Inno Setup 6:
;   iscc /DVersion=0.1.0 packaging\windows\gpuplanner.iss
#ifndef Version
  #error Give the version: iscc /DVersion=x.y.z
#endif

[Setup]
AppId={{6E0C7F7B-6B0B-4E0A-9B7E-3F4B1F0A5D21}
AppName=GPU Planner
AppVersion={#Version}
AppPublisher=The GPU Planner authors
DefaultDirName={localappdata}\Programs\GPU Planner
DefaultGroupName=GPU Planner
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
OutputDir=..\..\dist
OutputBaseFilename=gpuplanner-{#Version}-windows-x86_64
Compression=lzma2/max
SolidCompression=yes
ChangesAssociations=yes
UninstallDisplayIcon={app}\gpuplanner-window.exe
LicenseFile=..\..\LICENSE
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "zh"; MessagesFile: "compiler:Languages\ChineseSimplified.isl"

[CustomMessages]
en.Scenario=GPU Planner scenario
zh.Scenario=GPU 规划方案
en.Pack=GPU Planner catalogue pack
zh.Pack=GPU 规划目录数据包

[Files]
Source: "..\..\dist\gpuplanner\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\GPU Planner"; Filename: "{app}\gpuplanner-window.exe"
Name: "{userdesktop}\GPU Planner"; Filename: "{app}\gpuplanner-window.exe"; Tasks: desktop

[Tasks]
Name: "desktop"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[Registry]
Root: HKCU; Subkey: "Software\Classes\.gpuplan"; ValueType: string; ValueData: "GPUPlanner.Scenario"; Flags: uninsdeletevalue
Root: HKCU; Subkey: "Software\Classes\GPUPlanner.Scenario"; ValueType: string; ValueData: "{cm:Scenario}"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\GPUPlanner.Scenario\DefaultIcon"; ValueType: string; ValueData: "{app}\gpuplanner-window.exe,0"
Root: HKCU; Subkey: "Software\Classes\GPUPlanner.Scenario\shell\open\command"; ValueType: string; ValueData: """{app}\gpuplanner-window.exe"" ""%1"""
Root: HKCU; Subkey: "Software\Classes\.gpucatalog"; ValueType: string; ValueData: "GPUPlanner.Pack"; Flags: uninsdeletevalue
Root: HKCU; Subkey: "Software\Classes\GPUPlanner.Pack"; ValueType: string; ValueData: "{cm:Pack}"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\GPUPlanner.Pack\shell\open\command"; ValueType: string; ValueData: """{app}\gpuplanner-window.exe"" ""%1"""

[Run]
Filename: "{app}\gpuplanner-window.exe"; Description: "{cm:LaunchProgram,GPU Planner}"; Flags: nowait postinstall skipifsilent
